"""Puts the same questions to several SPARQL servers and compares answers, times, memory and disk. See bench/README.md."""
