"""The transparency log: written, sequenced, read, proved, derived again, vouched for by witnesses, and anchored."""
