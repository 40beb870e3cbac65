{{ config(materialized='view', bind=False) }}
select * from {{ ref('flights') }} where dep_delay > 0
