"""Answers requests: parameters in, pages and objects out."""
