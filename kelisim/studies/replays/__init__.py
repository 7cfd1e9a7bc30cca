"""The study replays."""
