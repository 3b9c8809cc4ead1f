"""Many fixes on many recipes: jobs that can be sent anywhere, who does them, what came of them.

A job is a pure function of a recipe's origin and the texts of fixes. It reads and renders, and
returns outcomes; whatever is written is written by the process that asked.
"""
