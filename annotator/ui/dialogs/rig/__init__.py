"""Dialogs about rigs: which there are, importing, solving and refining one."""
