"""The live map: pick a day, cut anything, see who goes short. Needs the extra `web`."""
