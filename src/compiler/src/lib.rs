//! Compiles Python source text to .mpy v6 code objects.
