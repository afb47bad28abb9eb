"""Runs Terraform: a binary, its working folder, its output in our words."""
