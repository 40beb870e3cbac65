-- Delays by carrier
SELECT carrier, carrier_name, flights, cancelled, mean_dep_delay, mean_arr_delay, late_percent
FROM flights.v_delays_by_carrier
ORDER BY mean_arr_delay DESC, carrier;
