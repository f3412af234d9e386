"""The same requests to the simulator and to localstripe, a stand-in by others, and what differs."""
