"""People of a Microsoft Entra tenant, through Microsoft Graph."""
