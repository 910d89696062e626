"""What a company's own systems know: leads, customers, payments, tickets, orders, in one form whatever their source."""
