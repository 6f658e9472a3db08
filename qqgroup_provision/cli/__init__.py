"""The command line: parse options, call one function below, choose a report, set the exit code."""
