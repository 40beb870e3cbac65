-- Statistics for the planner.
ANALYZE flights.fact_flights PREDICATE COLUMNS;
ANALYZE flights.fact_weather;
ANALYZE flights.dim_airports;
ANALYZE flights.dim_carriers;
ANALYZE flights.dim_planes;
ANALYZE flights.dim_airports_history;
ANALYZE flights.dim_carriers_history;
ANALYZE flights.dim_planes_history;
