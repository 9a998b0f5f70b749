"""The sample portals' rules, one file each as in ``spiders/``."""
