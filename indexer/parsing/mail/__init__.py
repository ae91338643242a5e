"""Mail: EML (and signed mail) through the standard library, MSG through python-oxmsg."""
