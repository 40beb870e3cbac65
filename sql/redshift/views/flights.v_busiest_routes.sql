-- Flights, cancellations and delays by route.
CREATE OR REPLACE VIEW flights.v_busiest_routes AS
SELECT
    origin,
    dest,
    MAX(dest_name) AS dest_name,
    COUNT(*) AS flights,
    SUM(CASE WHEN cancelled THEN 1 ELSE 0 END) AS cancelled,
    ROUND(AVG(dep_delay::DOUBLE PRECISION), 1) AS mean_dep_delay,
    ROUND(AVG(arr_delay::DOUBLE PRECISION), 1) AS mean_arr_delay,
    MAX(distance) AS miles
FROM flights.fact_flights
GROUP BY origin, dest;
