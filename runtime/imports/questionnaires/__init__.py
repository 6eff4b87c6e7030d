"""FHIR Questionnaires become definitions: an object, a form with its conditions, and a score where options weigh."""
