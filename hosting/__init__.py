"""Keeps files, albums and jobs, shows them to people, and speaks to programs in several API dialects."""
