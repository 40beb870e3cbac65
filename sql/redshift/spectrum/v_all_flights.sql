-- Warehouse and lake in one view: the last days from the fact table, everything before them from S3.
-- WITH NO SCHEMA BINDING: a view over external tables has to be late-binding.
CREATE OR REPLACE VIEW flights.v_all_flights AS
SELECT flight_id, flight_date, carrier, origin, dest, dep_delay, arr_delay, cancelled, 'warehouse' AS kept_in
FROM flights.fact_flights
WHERE flight_date >= (SELECT MIN(flight_date) FROM flights.fact_flights)
UNION ALL
SELECT flight_id, CAST(flight_date AS DATE), carrier, origin, dest, dep_delay, arr_delay, cancelled, 'lake' AS kept_in
FROM flights_lake.flights_enriched
WHERE CAST(flight_date AS DATE) < (SELECT MIN(flight_date) FROM flights.fact_flights)
WITH NO SCHEMA BINDING;
