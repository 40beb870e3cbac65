{{ config(materialized='table', dist='origin', sort=['origin']) }}
select origin, count(*) as flights, avg(dep_delay) as dep_delay from {{ ref('flights') }} group by 1
