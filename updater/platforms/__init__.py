"""The forges: each module is one, and meets ``updater.api.Platform``. They are loaded when they are needed."""
