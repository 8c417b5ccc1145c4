"""Reading a city's workbook of filing conditions and limits (立案条件, 处置时限).

A workbook becomes conditions and refusals; a document beside it (TOML) says which standard it is, how its sheets are
laid out, and how each unit word is read. Nothing is guessed: what is not understood is refused, naming sheet, row and
text.
"""
