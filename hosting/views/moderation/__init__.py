"""The moderators' own pages, in the site's look: the queue, appeals, and deciding from a view page."""
