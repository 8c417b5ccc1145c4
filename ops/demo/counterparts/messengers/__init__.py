"""The messengers and mailboxes of persons on duty: group robots of WeCom, DingTalk and Feishu, and a mail server.

They know nothing of the hub but tokens and secrets, verify signatures and clocks by themselves, and say no in the words
of the real ones. What goes wrong they are told over their control port.
"""
