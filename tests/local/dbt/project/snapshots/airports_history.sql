{% snapshot airports_history %}
{{ config(unique_key='faa', strategy='check', check_cols=['name', 'altitude'], target_schema='dbt') }}
select * from {{ ref('airports') }}
{% endsnapshot %}
