-- Busiest routes
SELECT origin, dest, dest_name, flights, cancelled, mean_dep_delay
FROM flights.v_busiest_routes
ORDER BY flights DESC, origin, dest
LIMIT 10;
