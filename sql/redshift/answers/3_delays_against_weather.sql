-- Delays against weather
SELECT conditions, flights, mean_dep_delay, cancelled_percent
FROM flights.v_delays_by_weather
ORDER BY mean_dep_delay DESC, conditions;
