-- Delays by airline: means over the flights that left and arrived, and the share that arrived over 15 minutes late.
CREATE OR REPLACE VIEW flights.v_delays_by_carrier AS
SELECT
    carrier,
    MAX(carrier_name) AS carrier_name,
    COUNT(*) AS flights,
    SUM(CASE WHEN cancelled THEN 1 ELSE 0 END) AS cancelled,
    ROUND(AVG(dep_delay::DOUBLE PRECISION), 1) AS mean_dep_delay,
    ROUND(AVG(arr_delay::DOUBLE PRECISION), 1) AS mean_arr_delay,
    ROUND(100.0 * SUM(CASE WHEN arr_delay > 15 THEN 1 ELSE 0 END) / NULLIF(COUNT(arr_delay), 0), 1) AS late_percent
FROM flights.fact_flights
GROUP BY carrier;
