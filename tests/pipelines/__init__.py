"""Schedulers: the examples under ``pipelines/`` run as they stand."""
