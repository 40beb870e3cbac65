{{ config(materialized='view') }}
select a.name, d.flights, d.dep_delay from {{ ref('delays') }} d join {{ ref('airports') }} a on a.faa = d.origin
