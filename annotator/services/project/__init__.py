"""Jobs on a project's frames and annotations: import, export, queues, contact sheet, statistics."""
