"""Teams: the Bot Framework's events in, cards and messages out. botbuilder lives here alone."""
