-- {schema} is the schema's quoted name.

-- One row for each read model, named by its model's ID.
CREATE TABLE {schema}._models (
	model      text COLLATE "C" PRIMARY KEY,
	table_name text COLLATE "C" NOT NULL UNIQUE,
	blank      text NOT NULL, -- the document of an unknown resource, from which the columns come; '' where no model was named
	rendered   text NOT NULL  -- the blank by which every row was rendered
);

-- Which of a model's versions each view shows.
CREATE TABLE {schema}._views (
	view_name text COLLATE "C" PRIMARY KEY,
	model     text COLLATE "C" NOT NULL REFERENCES {schema}._models
);

-- How far each slot of a read model has come. The times have nanoseconds, as RFC 3339; '' where there is none.
CREATE TABLE {schema}._checkpoints (
	model   text COLLATE "C" NOT NULL,
	slot    integer NOT NULL,
	epoch   bigint NOT NULL,
	stream  text NOT NULL,
	created text NOT NULL,
	seq     bigint NOT NULL,
	time    text NOT NULL,
	PRIMARY KEY (model, slot)
);
