-- Staging into flights.fact_flights: the newest event of a flight is the truth, an older one in the load set goes.
DELETE FROM staging.flights_changes
USING flights.fact_flights
WHERE flights.fact_flights.flight_id = staging.flights_changes.flight_id
  AND flights.fact_flights.event_time > staging.flights_changes.event_time;
MERGE INTO flights.fact_flights
USING staging.flights_changes AS changes
ON fact_flights.flight_id = changes.flight_id
WHEN MATCHED THEN UPDATE SET
    event_time = changes.event_time,
    flight_date = changes.flight_date,
    region = changes.region,
    carrier = changes.carrier,
    carrier_name = changes.carrier_name,
    flight = changes.flight,
    tailnum = changes.tailnum,
    plane_manufacturer = changes.plane_manufacturer,
    plane_model = changes.plane_model,
    plane_year = changes.plane_year,
    plane_known = changes.plane_known,
    origin = changes.origin,
    dest = changes.dest,
    dest_name = changes.dest_name,
    dest_known = changes.dest_known,
    sched_dep_time = changes.sched_dep_time,
    dep_time = changes.dep_time,
    dep_delay = changes.dep_delay,
    sched_arr_time = changes.sched_arr_time,
    arr_time = changes.arr_time,
    arr_delay = changes.arr_delay,
    air_time = changes.air_time,
    distance = changes.distance,
    hour = changes.hour,
    minute = changes.minute,
    time_hour = changes.time_hour,
    cancelled = changes.cancelled,
    weather_known = changes.weather_known,
    temp = changes.temp,
    wind_speed = changes.wind_speed,
    precip = changes.precip,
    visib = changes.visib,
    operated_by = changes.operated_by
WHEN NOT MATCHED THEN INSERT (
    flight_id, event_time, flight_date, region, carrier, carrier_name, flight, tailnum, plane_manufacturer, plane_model, plane_year, plane_known, origin, dest, dest_name, dest_known, sched_dep_time, dep_time, dep_delay, sched_arr_time, arr_time, arr_delay, air_time, distance, hour, minute, time_hour, cancelled, weather_known, temp, wind_speed, precip, visib, operated_by
) VALUES (
    changes.flight_id, changes.event_time, changes.flight_date, changes.region, changes.carrier, changes.carrier_name, changes.flight, changes.tailnum, changes.plane_manufacturer, changes.plane_model, changes.plane_year, changes.plane_known, changes.origin, changes.dest, changes.dest_name, changes.dest_known, changes.sched_dep_time, changes.dep_time, changes.dep_delay, changes.sched_arr_time, changes.arr_time, changes.arr_delay, changes.air_time, changes.distance, changes.hour, changes.minute, changes.time_hour, changes.cancelled, changes.weather_known, changes.temp, changes.wind_speed, changes.precip, changes.visib, changes.operated_by
);
