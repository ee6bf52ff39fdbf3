"""What views show: galleries, facts, charts and filters, ready for templates."""
