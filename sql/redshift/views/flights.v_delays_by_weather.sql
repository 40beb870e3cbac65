-- Delays and cancellations against the weather at the airport of origin in the hour of departure.
CREATE OR REPLACE VIEW flights.v_delays_by_weather AS
SELECT
    conditions,
    COUNT(*) AS flights,
    ROUND(AVG(dep_delay::DOUBLE PRECISION), 1) AS mean_dep_delay,
    ROUND(100.0 * SUM(CASE WHEN cancelled THEN 1 ELSE 0 END) / COUNT(*), 1) AS cancelled_percent
FROM (
    SELECT
        dep_delay,
        cancelled,
        CASE
            WHEN NOT weather_known THEN 'unknown'
            WHEN visib < 2 THEN 'visibility below 2 miles'
            WHEN wind_speed >= 25 THEN 'wind of 25 mph or more'
            WHEN precip > 0 THEN 'rain or snow'
            ELSE 'fair'
        END AS conditions
    FROM flights.fact_flights
) AS classified
GROUP BY conditions;
