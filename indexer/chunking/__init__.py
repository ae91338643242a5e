"""Cuts parsed documents into passages whose boundaries depend on their content. Pure.

sections    headings and what stands under them
atoms       the places where blocks can be cut
places      how good each of these places is
packing     which of them to use
embedded    the string that is embedded for a passage
chunker     all of it together
"""
