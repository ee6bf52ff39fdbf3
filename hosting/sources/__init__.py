"""Every way in: an upload's bytes, base64 and URLs."""
