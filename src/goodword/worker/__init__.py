"""The worker: loops over app. Inside the server process as tasks, or alone; as many as one likes, they share by locks."""

from goodword.worker.loops import Worker, run_alone

__all__ = ["Worker", "run_alone"]
