"""When work will be done: critical path, dates as chances, what moved them, and what a month of delay costs."""
