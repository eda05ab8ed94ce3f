from app.language.gather import update_all

update_all()
