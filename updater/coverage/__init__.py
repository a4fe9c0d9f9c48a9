"""Is anything that looks like a version left unexplained? A second reading of the files, independent of the managers.

``texts`` chooses the files and hides their comments, ``tokens`` finds what looks like a version or an image in them,
``keys`` knows what the word in front of a value makes of it, ``account`` gives each token exactly one class,
``suggest`` says what would explain one that nothing explains, and ``survey`` does it all for a repository.
"""
