"""The real providers' schemas as data, and the script that makes them again."""
