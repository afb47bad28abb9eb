"""`signoff package`: what is uploaded to Teams and pasted into Slack, checked beforehand."""
