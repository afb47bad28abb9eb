"""The pages: a deployment as it runs, what waits for whom, history and figures."""
