-- Sort and reclaim after loads. VACUUM runs outside of a transaction.
VACUUM FULL flights.fact_flights TO 95 PERCENT;
VACUUM DELETE ONLY staging.flights_changes;
