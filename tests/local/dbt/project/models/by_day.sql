{{ config(materialized='incremental', unique_key='flight_date') }}
select flight_date, count(*) as flights from {{ ref('flights') }}
{% if is_incremental() %} where flight_date >= (select max(flight_date) from {{ this }}) {% endif %}
group by 1
