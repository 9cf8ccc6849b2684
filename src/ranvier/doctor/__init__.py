"""Why a network does not learn: findings with their evidence and a cure."""
