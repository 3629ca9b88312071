// The objects of the licensing API as a program in C# that was written for the original has them: every member is a plain property, so
// that an object is full of zeros, nulls and the year 1 where the program has set nothing.
using System;
using System.Collections.Generic;

public class ApiKey
{
	public int Id { get; set; } public string Name { get; set; } public string Key { get; set; }
	public string ClientSecret { get; set; } public DateTime CreatedDate { get; set; } public DateTime ExpireDate { get; set; }
	public string OwnerId { get; set; } public bool Revoked { get; set; } public int Permissions { get; set; }
	public string Description { get; set; }
}

public class Assembly
{
	public int Id { get; set; } public string Name { get; set; } public string Version { get; set; }
	public string Culture { get; set; } public string PublicKeyToken { get; set; } public int MappingFileId { get; set; }
	public string DebugSymbolsKey { get; set; }
}

public class Contact
{
	public int Id { get; set; } public string Title { get; set; } public string FirstName { get; set; }
	public string LastName { get; set; } public string Email { get; set; } public string Phone { get; set; }
	public string Mobile { get; set; } public string Fax { get; set; } public string Details { get; set; }
	public bool Notify { get; set; } public int CustomerId { get; set; } public string Meta { get; set; }
}

public class Customer
{
	public int Id { get; set; } public string Title { get; set; } public string FirstName { get; set; }
	public string LastName { get; set; } public string Company { get; set; } public string Code { get; set; }
	public string VatCode { get; set; } public string InvoiceCode { get; set; } public int Rating { get; set; }
	public DateTime CreatedAt { get; set; } public DateTime UpdatedAt { get; set; } public string Address { get; set; }
	public string Address1 { get; set; } public string Address2 { get; set; } public string PostalCode { get; set; }
	public string Region { get; set; } public string City { get; set; } public string Country { get; set; }
	public string CountryCode { get; set; } public string MapCoordinates { get; set; } public double MapZoomLevel { get; set; }
	public string Email { get; set; } public string Phone { get; set; } public string Mobile { get; set; }
	public string Fax { get; set; } public string Website { get; set; } public string Notes { get; set; }
	public bool IsReseller { get; set; } public string Image { get; set; } public string Meta { get; set; }
	public List<Contact> Contacts { get; set; }
}

public class Feature
{
	public string Id { get; set; } public string Name { get; set; } public string Description { get; set; }
	public DateTime ExpireDate { get; set; } public string Key { get; set; } public string Data { get; set; }
}

public class Field
{
	public string Name { get; set; } public string Value { get; set; }
}

public class License
{
	public int Id { get; set; } public string LicenseId { get; set; } public string LicenseType { get; set; }
	public int Format { get; set; } public string Description { get; set; } public DateTime CreatedAt { get; set; }
	public DateTime UpdatedAt { get; set; } public DateTime IssueDate { get; set; } public DateTime ExpireDate { get; set; }
	public DateTime SupportExpireDate { get; set; } public bool Revoked { get; set; } public bool Trace { get; set; }
	public string LicenseKey { get; set; } public int MaxAllowedSites { get; set; } public string UserKey { get; set; }
	public int LicensingMode { get; set; } public string LicenseeName { get; set; } public string LicenseeCompany { get; set; }
	public string LicenseeEmail { get; set; } public string Hash { get; set; } public string Meta { get; set; }
	public int TemplateId { get; set; } public int SignatureKeysId { get; set; } public int CustomerId { get; set; }
	public int OrderId { get; set; } public ProductInfo Product { get; set; } public Order Order { get; set; }
	public Customer Customer { get; set; } public LicenseTemplate Template { get; set; } public Licensee Licensee { get; set; }
	public List<string> Components { get; set; } public List<Assembly> Assemblies { get; set; }
	public List<Field> Fields { get; set; } public List<Feature> Features { get; set; }
	public List<Restriction> Restrictions { get; set; }
}

public class LicenseTemplate
{
	public int Id { get; set; } public string Name { get; set; } public string Code { get; set; }
	public string LicenseType { get; set; } public int Format { get; set; } public int LicensingMode { get; set; }
	public string LicenseFileName { get; set; } public bool IssueDate { get; set; } public int ExpireDays { get; set; }
	public int SupportDays { get; set; } public bool GenerateKeyInfo { get; set; } public string UserKey { get; set; }
	public string Description { get; set; } public string Template { get; set; } public int ProductId { get; set; }
	public int SignatureKeysId { get; set; } public int ReleaseId { get; set; } public ProductInfo Product { get; set; }
	public List<string> Components { get; set; } public List<Assembly> Assemblies { get; set; }
	public List<Field> Fields { get; set; } public List<Feature> Features { get; set; }
	public List<Restriction> Restrictions { get; set; }
}

public class LicenseToken
{
	public int Id { get; set; } public string Token { get; set; } public string Address { get; set; }
	public string ClientId { get; set; } public string ClientName { get; set; } public string MachineId { get; set; }
	public DateTime IssueDate { get; set; } public DateTime ExpireDate { get; set; } public DateTime LastHeartbeat { get; set; }
	public string Hash { get; set; } public int LicenseId { get; set; } public License License { get; set; }
	public int NodeLockedLicenseId { get; set; } public License NodeLockedLicense { get; set; }
}

public class LicenseTrace
{
	public int Id { get; set; } public string ClientIp { get; set; } public string ClientId { get; set; }
	public string ClientName { get; set; } public string MachineId { get; set; } public DateTime CreatedDate { get; set; }
	public int Action { get; set; } public string GeoLocation { get; set; } public string Meta { get; set; }
	public int LicenseId { get; set; }
}

public class Licensee
{
	public string Name { get; set; } public string Company { get; set; } public string ContactInfo { get; set; }
	public string Url { get; set; }
}

public class LogEntry
{
	public int Id { get; set; } public string Message { get; set; } public string MessageTemplate { get; set; }
	public string Level { get; set; } public DateTime TimeStamp { get; set; } public string Exception { get; set; }
	public string Properties { get; set; }
}

public class LogLevel
{
	public DateTime Date { get; set; } public string Level { get; set; } public int Count { get; set; }
}

public class Order
{
	public int Id { get; set; } public string OrderNumber { get; set; } public string Status { get; set; }
	public string ProcessedBy { get; set; } public string PurchaseOrder { get; set; } public double Total { get; set; }
	public string Currency { get; set; } public DateTime CreatedAt { get; set; } public DateTime UpdatedAt { get; set; }
	public string InvoiceNumber { get; set; } public string PaymentType { get; set; } public string PaymentNumber { get; set; }
	public string PaymentStatus { get; set; } public DateTime PaymentDate { get; set; } public string Description { get; set; }
	public int CustomerId { get; set; } public Customer Customer { get; set; } public int ResellerId { get; set; }
}

public class Product
{
	public int Id { get; set; } public string Code { get; set; } public string Name { get; set; }
	public string Description { get; set; } public string Url { get; set; } public string Copyright { get; set; }
	public DateTime CreatedAt { get; set; } public string Image { get; set; } public double Price { get; set; }
	public double ResellerPrice { get; set; } public string Currency { get; set; } public int SignatureKeysId { get; set; }
	public string Meta { get; set; } public Resource SignatureKeys { get; set; }
	public List<ProductOrder> ProductOrders { get; set; }
}

public class ProductInfo
{
	public string Id { get; set; } public string Name { get; set; } public string Version { get; set; }
	public string Copyright { get; set; } public string Url { get; set; } public string Description { get; set; }
}

public class ProductOrder
{
	public int ProductId { get; set; } public int OrderId { get; set; } public int Quantity { get; set; }
	public double UnitPrice { get; set; } public double Discount { get; set; } public double Taxes { get; set; }
	public string Description { get; set; } public Product Product { get; set; } public Order Order { get; set; }
}

public class Release
{
	public int Id { get; set; } public DateTime ReleaseDate { get; set; } public string Name { get; set; }
	public string Version { get; set; } public string Description { get; set; }
}

public class Report
{
	public int Id { get; set; } public string Uid { get; set; } public string Name { get; set; }
	public string Version { get; set; } public DateTime Date { get; set; } public string UserKey { get; set; }
	public string MachineId { get; set; } public string ClientId { get; set; } public string ClientName { get; set; }
	public string ContentType { get; set; } public string Content { get; set; } public string Address { get; set; }
	public List<ReportProperty> Properties { get; set; }
}

public class ReportProperty
{
	public int Id { get; set; } public string Name { get; set; } public string Value { get; set; }
	public int ReportId { get; set; }
}

public class Resource
{
	public int Id { get; set; } public string Name { get; set; } public string Type { get; set; }
	public string Code { get; set; } public string Description { get; set; } public string Source { get; set; }
	public string Password { get; set; } public DateTime CreatedAt { get; set; } public DateTime UpdatedAt { get; set; }
	public string Data { get; set; } public string DataFormat { get; set; } public string Meta { get; set; }
}

public class Restriction
{
	public string Id { get; set; } public string Name { get; set; } public DateTime ExpireDate { get; set; }
	public Dictionary<string, string> Properties { get; set; } public string CustomXmlContent { get; set; }
}

public class Role
{
	public string Id { get; set; } public string Name { get; set; } public string Description { get; set; }
}

public class User
{
	public string Id { get; set; } public string UserName { get; set; } public string Email { get; set; }
	public string PhoneNumber { get; set; } public string Title { get; set; } public string FirstName { get; set; }
	public string LastName { get; set; } public string Department { get; set; } public DateTime BirthDate { get; set; }
	public DateTime CreatedAt { get; set; } public DateTime UpdatedAt { get; set; }
	public DateTime LastDismissMessages { get; set; } public DateTime LastLogIn { get; set; } public int Rank { get; set; }
	public string Image { get; set; } public string Address { get; set; } public string PostalCode { get; set; }
	public string Region { get; set; } public string City { get; set; } public string Country { get; set; }
	public string CountryCode { get; set; } public string Mobile { get; set; } public string Notes { get; set; }
	public int CustomerId { get; set; } public List<string> Roles { get; set; } public List<ApiKey> ApiKeys { get; set; }
	public List<UserSetting> Settings { get; set; }
}

public class UserSetting
{
	public int Id { get; set; } public string Category { get; set; } public string Group { get; set; }
	public string Name { get; set; } public string Value { get; set; } public string Type { get; set; }
	public string Description { get; set; } public bool ReadOnly { get; set; } public string UserId { get; set; }
}
